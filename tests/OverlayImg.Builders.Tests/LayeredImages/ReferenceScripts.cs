using OverlayImg.Testing;

namespace OverlayImg.Builders.Tests.LayeredImages;

/// <summary>nixpkgs' rules in Python, beside the tests.</summary>
internal static class ReferenceScripts
{
    public static async Task<string> RunAsync(string script, params string[] arguments) =>
        (await Tool.RunAsync("python3", [Path.Combine(AppContext.BaseDirectory, "LayeredImages", script), .. arguments])).Succeeded().StandardOutput;
}
