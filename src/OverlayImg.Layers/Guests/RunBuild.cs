using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.Images.Digests;
using OverlayImg.Sandbox.Guests;

namespace OverlayImg.Layers.Guests;

/// <summary>Identifies the build of the tool that makes the layers of runs.</summary>
internal static class RunBuild
{
    /// <summary>Differs between builds whose code for any part of a layer differs.</summary>
    public static string Identity { get; } =
        ToolBuild.Identity(typeof(GuestLayer), typeof(StorePaths), typeof(Guest), typeof(Digest), typeof(CanonicalHash), typeof(FileTree));
}
