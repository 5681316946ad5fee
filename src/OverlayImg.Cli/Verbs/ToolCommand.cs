using System.CommandLine;

namespace OverlayImg.Cli.Verbs;

/// <summary>The tool itself: the command that has the verbs.</summary>
internal sealed class ToolCommand : RootCommand
{
    /// <param name="sections">The sections of the tool's help, with every verb in one of them.</param>
    public ToolCommand(IReadOnlyList<VerbSection> sections)
        : base("Makes container images as plain files: no daemon, no root, no registry, no KVM needed.")
    {
        Sections = sections;
        foreach (var verb in sections.SelectMany(section => section.Verbs)) Add(verb);
    }

    /// <summary>The sections of the tool's help.</summary>
    public IReadOnlyList<VerbSection> Sections { get; }

    /// <summary>The two commands of the first hour.</summary>
    public IReadOnlyList<string> Examples { get; } =
    [
        "overlayimg pull debian:12 -o debian.tar",
        "overlayimg build --from debian.tar --contents ./rootfs --cmd /bin/app --name app --tag 1.0 -o app.tar",
    ];
}

/// <summary>Verbs that belong together.</summary>
internal sealed record VerbSection(string Title, params IReadOnlyList<Command> Verbs);
