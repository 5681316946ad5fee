using System.Text.RegularExpressions;

namespace OverlayImg.Images.References;

/// <summary>
/// What the names of images may look like (distribution/reference, regexp.go), and what docker reads into short ones.
/// </summary>
internal static partial class ReferenceGrammar
{
    private const int MaximumNameLength = 255;
    private const string DockerHub = "docker.io";
    private const string OldDockerHub = "index.docker.io";

    /// <summary>Whether <paramref name="name"/>, without a tag, can be an image's.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaximumNameLength && NamePattern.IsMatch(name);

    /// <summary>Whether <paramref name="path"/> can be a repository's, without the registry.</summary>
    public static bool IsPath(string path) => PathPattern.IsMatch(path);

    /// <summary>Whether <paramref name="tag"/> can be a tag.</summary>
    public static bool IsTag(string tag) => TagPattern.IsMatch(tag);

    /// <summary>
    /// Whether <paramref name="text"/> can be the annotation <c>org.opencontainers.image.ref.name</c> (image-spec, annotations.md).
    /// </summary>
    public static bool IsRefName(string text) => RefNamePattern.IsMatch(text);

    /// <summary>The name with its registry, and <c>library/</c> where that is Docker Hub's and nothing else is named.</summary>
    public static string FullName(string name)
    {
        var slash = name.IndexOf('/', StringComparison.Ordinal);
        var first = slash < 0 ? "" : name[..slash];
        var hasRegistry = first.AsSpan().IndexOfAny('.', ':') >= 0 || first == "localhost" || first.Any(char.IsAsciiLetterUpper);
        var (registry, path) = hasRegistry ? (first == OldDockerHub ? DockerHub : first, name[(slash + 1)..]) : (DockerHub, name);
        var isLibrary = registry == DockerHub && !path.Contains('/', StringComparison.Ordinal);
        return isLibrary ? $"{DockerHub}/library/{path}" : $"{registry}/{path}";
    }

    private const string Component = @"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*";
    private const string HostLabel = @"(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])";
    private const string Host = @"(?:" + HostLabel + @"(?:\." + HostLabel + @")*|\[[0-9a-fA-F:]+\])(?::[0-9]+)?";
    private const string RefComponent = @"[A-Za-z0-9]+(?:(?:[-._:@+]|--)[A-Za-z0-9]+)*";

    [GeneratedRegex(@"\A(?:" + Host + @"/)?" + Component + @"(?:/" + Component + @")*\z", RegexOptions.NonBacktracking)]
    private static partial Regex NamePattern { get; }

    [GeneratedRegex(@"\A" + Component + @"(?:/" + Component + @")*\z", RegexOptions.NonBacktracking)]
    private static partial Regex PathPattern { get; }

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.NonBacktracking)]
    private static partial Regex TagPattern { get; }

    [GeneratedRegex(@"\A" + RefComponent + @"(?:/" + RefComponent + @")*\z", RegexOptions.NonBacktracking)]
    private static partial Regex RefNamePattern { get; }
}
