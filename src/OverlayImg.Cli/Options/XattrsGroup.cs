using System.CommandLine;

namespace OverlayImg.Cli.Options;

/// <summary>Whether a new layer carries extended attributes.</summary>
internal sealed class XattrsGroup
{
    private readonly Option<bool> _xattrs = new("--xattrs")
    {
        Description = "Keep extended attributes, file capabilities and ACLs among them: the default, written out."
    };
    private readonly Option<bool> _noXattrs = new Option<bool>("--no-xattrs") { Description = "Leave extended attributes out, as dockerTools does." }
        .Sets(FileSystemSetting.ExtendedAttributes);

    public void AddTo(Command command)
    {
        command.Add(_xattrs);
        command.Add(_noXattrs);
        command.Validators.Add(result =>
        {
            if (result.GetValue(_xattrs) && result.GetValue(_noXattrs)) result.AddError("--xattrs and --no-xattrs exclude each other.");
        });
    }

    public bool Read(ParseResult parsed) => !parsed.GetValue(_noXattrs);
}
