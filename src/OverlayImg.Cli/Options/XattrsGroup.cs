using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary><c>--xattrs</c> and <c>--no-xattrs</c>: whether a new layer has extended attributes.</summary>
internal sealed class XattrsGroup
{
    private readonly Option<bool> _xattrs = new("--xattrs")
    {
        Description = "Keep extended attributes of files, including file capabilities and ACLs. This is the default."
    };
    private readonly Option<bool> _noXattrs = new Option<bool>("--no-xattrs")
    {
        Description = "Leave out extended attributes of files, including file capabilities and ACLs, as dockerTools does."
    }.Sets(FileSystemSetting.ExtendedAttributes);

    public void AddTo(Command command)
    {
        command.Add(OptionSection.Attributes, _xattrs, _noXattrs);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_xattrs) && result.GetValue(_noXattrs))
                result.AddError("--xattrs and --no-xattrs exclude each other: give one of the two.");
        });
    }

    public bool Read(ParseResult parsed) => !parsed.GetValue(_noXattrs);
}
