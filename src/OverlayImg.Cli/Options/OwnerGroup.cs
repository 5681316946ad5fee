using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Who owns the entries of a layer.</summary>
/// <param name="files">The files, for the help.</param>
internal sealed class OwnerGroup(string files = "what the contents add; directories of the base image keep theirs")
{
    private readonly Option<uint?> _uid = Id("--uid", $"Owner of {files}.");
    private readonly Option<uint?> _gid = Id("--gid", $"Group of {files}.");

    public void AddTo(Command command)
    {
        command.Add(_uid);
        command.Add(_gid);
    }

    /// <summary>The owner and the group; null where the command line does not tell them.</summary>
    public (uint? Uid, uint? Gid) Read(ParseResult parsed) => (parsed.GetValue(_uid), parsed.GetValue(_gid));

    // The last number means "no user" to the system calls that change owners.
    private static Option<uint?> Id(string name, string description) => new(name)
    {
        Description = $"{description} [default: a tarball's own, 0 for files of directories]",
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
