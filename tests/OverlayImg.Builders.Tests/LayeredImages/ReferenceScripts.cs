using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.LayeredImages;

/// <summary>Runs the Python scripts of this folder, which implement nixpkgs' rules.</summary>
internal static class ReferenceScripts
{
    public static async Task<string> RunAsync(string script, params string[] arguments) =>
        (await Tool.RunAsync("python3", [Path.Combine(AppContext.BaseDirectory, "LayeredImages", script), .. arguments])).Succeeded().StandardOutput;
}
