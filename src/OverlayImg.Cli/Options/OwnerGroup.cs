using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Who owns the entries of a layer.</summary>
/// <param name="entries">Which, for the help.</param>
internal sealed class OwnerGroup(string entries = "every entry")
{
    private readonly Option<uint> _uid = Id("--uid", $"Owner of {entries}.");
    private readonly Option<uint> _gid = Id("--gid", $"Group of {entries}.");

    public void AddTo(Command command)
    {
        command.Add(_uid);
        command.Add(_gid);
    }

    public (uint Uid, uint Gid) Read(ParseResult parsed) => Read(parsed, 0, 0);

    /// <summary>As the other one, but what the command line does not say is <paramref name="uid"/> and <paramref name="gid"/>.</summary>
    public (uint Uid, uint Gid) Read(ParseResult parsed, uint uid, uint gid) =>
        (parsed.IsGiven(_uid) ? parsed.GetValue(_uid) : uid, parsed.IsGiven(_gid) ? parsed.GetValue(_gid) : gid);

    // The last number means "no user" to the system calls that change owners.
    private static Option<uint> Id(string name, string description) => new(name)
    {
        Description = $"{description} [default: 0]",
        HelpName = "N",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (uint.TryParse(text, out var id) && id != uint.MaxValue) return id;
            result.AddError($"'{text}' is not what {name} takes: give a number from 0 to {uint.MaxValue - 1}.");
            return 0;
        },
    };
}
