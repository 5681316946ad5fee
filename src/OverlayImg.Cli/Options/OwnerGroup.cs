using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary><c>--uid</c> and <c>--gid</c>: the owner of files in a new layer.</summary>
/// <param name="files">The files that the options are for, for the help.</param>
internal sealed class OwnerGroup(string files = "the files that the contents add")
{
    private readonly Option<uint?> _uid = Id("--uid", $"User ID of the owner of {files}.");
    private readonly Option<uint?> _gid = Id("--gid", $"Group ID of {files}.");

    public void AddTo(Command command) => command.Add(OptionSection.Attributes, _uid, _gid);

    /// <summary>The owner and the group; null if the option is not given.</summary>
    public (uint? Uid, uint? Gid) Read(ParseResult parsed) => (parsed.GetValue(_uid), parsed.GetValue(_gid));

    // chown(2) takes the largest number, -1, as "leave the owner unchanged".
    private static Option<uint?> Id(string name, string description) => new(name)
    {
        Description = $"{description} Directories of the base image keep theirs. [default: that of the tarball, 0 for files from directories]",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (uint.TryParse(text, out var id) && id != uint.MaxValue) return id;
            result.AddError($"'{text}' is not what {name} takes: give a number from 0 to {uint.MaxValue - 1}.");
            return null;
        },
    };
}
