using System.Globalization;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>Names the overlay of a run where it is that of every other run over the same base image: a guest that has it mounted serves them all.</summary>
internal static class OverlayName
{
    /// <summary>
    /// The name: of all that decides what parents and upper disk hold before the first script runs. Null where something of this run alone is on them, and
    /// where the base image would have to be opened to know: the guest boots meanwhile. Whether the parents are those that it means shows when they are mounted.
    /// </summary>
    public static string? Of(GuestLayerOptions options, RunInputs inputs)
    {
        if (!IsOfBaseAlone(options) || inputs.GuessBaseLayers() is not { } layers) return null;
        var size = options.Guest.DiskSize.ToString(CultureInfo.InvariantCulture);
        return string.Join('\n', [RunBuild.Identity, size, .. layers]);
    }

    // The guest is saved with what a script in the image needs there.
    private static bool IsOfBaseAlone(GuestLayerOptions options) =>
        (options.Scripts.RunAsRoot is not null || options.Scripts.ShadowSetup)
        && options.Tree is null && options.Contents.Paths.Count == 0 && options.Ready == ReadyContents.None && options.Closure?.Database is null
        && options.Guest.Mounts.Count == 0 && options.Scripts.PreMount is null;
}
