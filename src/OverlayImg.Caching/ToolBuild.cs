using System.Reflection;

namespace OverlayImg.Caching;

/// <summary>Which build of the tool this is.</summary>
public static class ToolBuild
{
    /// <summary>The version of the tool, and what the compiler calls the very code of some of its floors: two builds of one version may write different bytes.</summary>
    /// <param name="floors">A type of each floor.</param>
    public static string Identity(params IEnumerable<Type> floors)
    {
        var version = typeof(ToolBuild).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return string.Join(' ', floors.Select(floor => floor.Module.ModuleVersionId.ToString()).Prepend(version ?? ""));
    }
}
