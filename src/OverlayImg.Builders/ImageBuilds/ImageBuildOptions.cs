using OverlayImg.Builders.NewImages;
using OverlayImg.Layers.Guests;
using OverlayImg.Layers.LayerClosures;
using OverlayImg.Layers.Scripts;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>An image that is to be built: a base, one new layer, a config (dockerTools' buildImage; spec dockertools, 1.11).</summary>
public sealed record ImageBuildOptions : NewImageOptions
{
    /// <summary>Runs as root in a guest, in the image's root; null for a pure layer.</summary>
    public Script? RunAsRoot { get; init; }

    /// <summary>Whether the guest's shadow-setup runs before it.</summary>
    public bool ShadowSetup { get; init; }

    /// <summary>Whether the layer is made twice, and refused where the two differ.</summary>
    public bool Check { get; init; }

    /// <summary>Whether a guest is needed.</summary>
    public bool RunsGuest => RunAsRoot is not null || ShadowSetup;

    /// <summary>Whether scripts change the layer after its contents are in it.</summary>
    internal bool RunsScripts => RunsGuest || ExtraCommands is not null;

    /// <summary>The run in it.</summary>
    internal GuestLayerOptions GuestLayer(LayerClosure? closure) => new()
    {
        From = From,
        Contents = Contents,
        Dialect = Dialect,
        Closure = closure,
        Ready = Ready,
        Scripts = new() { RunAsRoot = RunAsRoot, ShadowSetup = ShadowSetup, ExtraCommands = ExtraCommands },
        Guest = Guest,
        KeepExtendedAttributes = KeepExtendedAttributes,
        FileTime = FileTime,
        MaximumSize = MaximumSize,
    };
}
