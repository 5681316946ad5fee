using OverlayImg.Builders.NewImages;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Scripts;
using OverlayImg.Sandbox.Jobs;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>An image to build from a base image, one new layer and a config, as with dockerTools' buildImage.</summary>
public sealed record ImageBuildOptions : NewImageOptions
{
    /// <summary>Scripts and commands that run as root in a guest, in the image's root directory, one after the other.</summary>
    public IReadOnlyList<Script> Steps { get; init; } = [];

    /// <summary>
    /// Whether the contents and each of the <see cref="Steps"/> get a layer of their own. Each step then runs in a guest of its own. Not
    /// for dockerTools' format, which has one new layer.
    /// </summary>
    public bool LayerPerStep { get; init; }

    /// <summary>The place of <see cref="Steps"/> among all steps of the build; null if they are all steps.</summary>
    internal StepRange? StepPart { get; init; }

    /// <summary>Whether the files that <c>useradd</c> needs are created before the <see cref="Steps"/>.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>Whether the layer is made twice, and refused if the two results differ.</summary>
    public bool Check { get; init; }

    /// <summary>Whether the build needs a guest.</summary>
    public bool RunsGuest => Steps.Count > 0 || ShadowSetup;

    /// <summary>Whether scripts may change the layer after the contents are added.</summary>
    internal bool RunsScripts => RunsGuest || ExtraCommands is not null;

    /// <summary>The options of the run in the guest.</summary>
    /// <param name="closure">The store paths that belong to the layer; null for none.</param>
    /// <param name="lower">The image below the layer, if this build has made that image; null for the base image.</param>
    internal GuestLayerOptions GuestLayer(LayerClosure? closure, LowerImage? lower) => new()
    {
        From = From,
        Lower = lower,
        Contents = Files,
        Dialect = Dialect,
        Closure = closure,
        Ready = Ready,
        Scripts = new() { Steps = Steps, Part = StepPart, ShadowSetup = ShadowSetup, ExtraCommands = ExtraCommands },
        Guest = Guest,
        KeepExtendedAttributes = KeepExtendedAttributes,
        FileTime = FileTime,
        MaximumSize = MaximumSize,
    };
}
