using System.Reflection;
using OverlayImg.Builders;
using OverlayImg.Caching;
using OverlayImg.Closures;
using OverlayImg.Images.Settings;
using OverlayImg.Layers;
using OverlayImg.Sandbox.Settings;

namespace OverlayImg.Cli.Tests;

/// <summary>The floors (projects) below the command line, each by a type of settings that the floor declares.</summary>
internal static class Floors
{
    public static IReadOnlyList<Type> Declarations { get; } =
    [
        typeof(FileSystemSetting), typeof(CacheSetting), typeof(ImageSetting), typeof(ClosureSetting), typeof(GuestSetting), typeof(LayerSetting),
        typeof(BuilderSetting),
    ];

    /// <summary>All settings of these floors, with the name of the declaring type and property.</summary>
    public static IEnumerable<(string Name, Setting Setting)> Settings =>
        from declaration in Declarations
        from type in declaration.Assembly.GetTypes()
        where !type.ContainsGenericParameters
        from property in type.GetProperties(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
        where property.PropertyType == typeof(Setting)
        select ($"{type.Name}.{property.Name}", (Setting)property.GetValue(null)!);
}
