using System.Globalization;
using OverlayImg.Layers.Ready;

namespace OverlayImg.Layers.Guests;

/// <summary>
/// Names the overlay of a run if all runs over the same base image have the same overlay. One saved guest with the
/// overlay mounted then serves all of them.
/// </summary>
internal static class OverlayName
{
    /// <summary>
    /// Returns a name made of everything that determines the content of the parents' disks and the upper disk before
    /// the first script runs. Null if the disks have files specific to this run, or if the diff IDs are known only
    /// after the base image is opened: the guest boots before that. Mounting checks that the parents' disks are those
    /// in the name.
    /// </summary>
    public static string? Of(GuestLayerOptions options, RunInputs inputs)
    {
        if (!IsOfBaseAlone(options) || inputs.GuessBaseLayers() is not { } layers) return null;
        var size = options.Guest.DiskSize.ToString(CultureInfo.InvariantCulture);
        return string.Join('\n', [RunBuild.Identity, size, .. layers]);
    }

    // A guest is saved with the mounts that a script in the image's root needs.
    private static bool IsOfBaseAlone(GuestLayerOptions options) =>
        options.Scripts.RunsInImage
        && options.Tree is null && options.Contents.IsEmpty && options.Ready == ReadyContents.None && options.Closure?.Database is null
        && options.Guest.Mounts.Count == 0 && options.Scripts.PreMount is null;
}
