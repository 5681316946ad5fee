using System.Text.RegularExpressions;

namespace OverlayImg.Images.References;

/// <summary>The grammar of image names (distribution/reference, regexp.go), and Docker's expansion of short names.</summary>
internal static partial class ReferenceGrammar
{
    private const int MaximumNameLength = 255;
    private const string DockerHub = "docker.io";
    private const string OldDockerHub = "index.docker.io";

    /// <summary>Whether <paramref name="name"/> is a valid image name without a tag; the registry may be left out.</summary>
    public static bool IsName(string name) => name.Length is > 0 and <= MaximumNameLength && NamePattern.IsMatch(name);

    /// <summary>Whether <paramref name="path"/> is a valid repository name without a registry.</summary>
    public static bool IsPath(string path) => PathPattern.IsMatch(path);

    public static bool IsTag(string tag) => TagPattern.IsMatch(tag);

    /// <summary>
    /// Whether <paramref name="text"/> is a valid value of the annotation <c>org.opencontainers.image.ref.name</c> (OCI
    /// Image Specification, annotations).
    /// </summary>
    public static bool IsRefName(string text) => RefNamePattern.IsMatch(text);

    /// <summary>Adds Docker Hub to a name without a registry, and <c>library/</c> to a Docker Hub name of one component.</summary>
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
