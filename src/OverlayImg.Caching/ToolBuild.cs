using System.Reflection;

namespace OverlayImg.Caching;

/// <summary>Identifies the build of the tool.</summary>
public static class ToolBuild
{
    /// <summary>
    /// Returns the tool's version and the compiler's IDs of some assemblies, because two builds of one version may write different bytes.
    /// </summary>
    /// <param name="floors">A type of each assembly.</param>
    public static string Identity(params IEnumerable<Type> floors)
    {
        var version = typeof(ToolBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return string.Join(' ', floors.Select(floor => floor.Module.ModuleVersionId.ToString()).Prepend(version ?? ""));
    }
}
