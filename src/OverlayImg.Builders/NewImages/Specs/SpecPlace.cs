namespace OverlayImg.Builders.NewImages.Specs;

/// <summary>Where a spec lies: paths in it are relative to that.</summary>
/// <param name="File">The spec's file; <c>-</c> for stdin.</param>
internal sealed record SpecPlace(string File)
{
    /// <summary>The path as the tool's working directory has it. What has a transport before it stays as it is.</summary>
    public string Resolve(string path) =>
        File == "-" || path == "-" || path.Split('/')[0].Contains(':', StringComparison.Ordinal)
            ? path
            : Path.Combine(Path.GetDirectoryName(File) ?? "", path);
}
