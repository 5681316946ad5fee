using System.CommandLine;
using System.Runtime.CompilerServices;

namespace OverlayImg.Cli.Options;

/// <summary>A section of options in the help of a verb. The help shows the sections in the order of these values.</summary>
internal enum OptionSection
{
    /// <summary>What most command lines of the verb have.</summary>
    Main,

    /// <summary>The files of the host that go to the new layer.</summary>
    Files,

    /// <summary>The scripts, their variables, files and secrets, and their network.</summary>
    Scripts,

    /// <summary>How containers of the image run.</summary>
    Container,

    /// <summary>The choice of one of several images.</summary>
    Choice,

    /// <summary>The form of the output, and what the output records about itself.</summary>
    Output,

    /// <summary>Files that the tool provides.</summary>
    Ready,

    /// <summary>Owners, links, attributes and sizes of files.</summary>
    Attributes,

    /// <summary>The guest VM that runs the scripts.</summary>
    Guest,

    /// <summary>Nix store paths, and attributes of dockerTools.</summary>
    Nix,

    /// <summary>Encryption, certificates and credentials of registries.</summary>
    Registries,

    /// <summary>The options of every verb.</summary>
    Common,
}

/// <summary>Puts options into sections of the help.</summary>
internal static class OptionSections
{
    private static readonly ConditionalWeakTable<Option, object> Sections = [];

    /// <summary>Adds options to a verb, and puts them into a section of the help, in this order.</summary>
    public static void Add(this Command command, OptionSection section, params IEnumerable<Option> options)
    {
        foreach (var option in options) command.Add(option.Within(section));
    }

    /// <summary>Puts an option into a section of the help, and returns the option.</summary>
    public static T Within<T>(this T option, OptionSection section) where T : Option
    {
        Sections.AddOrUpdate(option, section);
        return option;
    }

    /// <summary>The section of an option; null if the option was added without a section.</summary>
    public static OptionSection? Section(this Option option) => Sections.TryGetValue(option, out var section) ? (OptionSection)section : null;

    /// <summary>The title of a section, without a colon.</summary>
    public static string Title(this OptionSection section) => section switch
    {
        OptionSection.Main => "Main options",
        OptionSection.Files => "Files of the new layer",
        OptionSection.Scripts => "Scripts",
        OptionSection.Container => "Config of the container",
        OptionSection.Choice => "Choice of one of several images",
        OptionSection.Output => "Form and metadata of the output",
        OptionSection.Ready => "Ready-made files",
        OptionSection.Attributes => "Owners, links and sizes of files",
        OptionSection.Guest => "Guest VM",
        OptionSection.Nix => "Nix and dockerTools",
        OptionSection.Registries => "Access to registries",
        _ => "Common options",
    };
}
