using System.Reflection;
using OverlayImg.FileSystems;
using OverlayImg.Images;
using OverlayImg.Sandbox;

namespace OverlayImg.Builders;

/// <summary>Which build of the tool this is.</summary>
internal static class ToolBuild
{
    /// <summary>Its version, and what the compiler calls the very code of each floor: two builds of one version may write different bytes.</summary>
    public static string Identity()
    {
        Type[] floors = [typeof(ToolBuild), typeof(Guest), typeof(Digest), typeof(FileTree)];
        var version = typeof(ToolBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return string.Join(' ', floors.Select(floor => floor.Module.ModuleVersionId.ToString()).Prepend(version ?? ""));
    }
}
