using System.CommandLine;
using OverlayImg.Cli.Completion;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Sources;

namespace OverlayImg.Cli.Options;

/// <summary>Completes the names of images and of their destinations: paths, transports, and the names in an archive.</summary>
internal static class ImageCompletion
{
    private const string DockerArchive = "docker-archive:", OciArchive = "oci-archive:", Layout = "oci:", RootFileSystem = "rootfs:";
    private const string Registry = "docker://";

    /// <summary>Records that the values are images, as <c>--from</c> takes them.</summary>
    public static T CompletesImages<T>(this T symbol, params IEnumerable<string> words) where T : Symbol => symbol.Completes((word, line) =>
        Texts(line, word, words.Concat([DockerArchive, OciArchive, Layout, RootFileSystem, Registry])));

    /// <summary>Records that the values are places to write an image to.</summary>
    public static T CompletesDestinations<T>(this T symbol) where T : Symbol => symbol.Completes((word, line) =>
        Texts(line, word, [DockerArchive, OciArchive, Layout, Registry]));

    /// <summary>Records that the values are names of images in the archive or the layout that another symbol names.</summary>
    public static T CompletesNamesIn<T>(this T symbol, Func<CompletionLine, string?> image) where T : Symbol => symbol.Completes((_, line) =>
        NamesIn(image(line), line.LongestWait).References.Where(reference => reference.Name.Length > 0).Select(reference => new Candidate(reference.Name)));

    /// <summary>Records that the values are tags of images in the archive or the layout that another symbol names.</summary>
    /// <param name="name">The name whose tags are wanted; null for the tags of all images.</param>
    public static T CompletesTagsIn<T>(this T symbol, Func<CompletionLine, string?> image, Func<CompletionLine, string?> name) where T : Symbol =>
        symbol.Completes((_, line) => NamesIn(image(line), line.LongestWait).References
            .Where(reference => reference.Tag.Length > 0 && (name(line) is not { } wanted || reference.Name == wanted))
            .Select(reference => new Candidate(reference.Tag)));

    private static IEnumerable<Candidate> Texts(CompletionLine line, string word, IEnumerable<string> words)
    {
        if (word.StartsWith(Registry, StringComparison.Ordinal)) return [];
        if (TransportText.After(Layout, word) is { } layout)
            return Behind(Layout, layout, path => NamesIn(path, line.LongestWait).RefNames, onlyDirectories: true);
        if (TransportText.After(DockerArchive, word) is { } docker)
        {
            return Behind(DockerArchive, docker, path =>
                NamesIn(path, line.LongestWait).References.Where(image => image.Name.Length > 0).Select(image => image.Text));
        }

        if (TransportText.After(OciArchive, word) is { } oci) return Behind(OciArchive, oci, path => NamesIn(path, line.LongestWait).RefNames);
        if (TransportText.After(RootFileSystem, word) is { } root) return PathCandidates.Of(root, RootFileSystem);
        return [.. PathCandidates.Of(word), .. words.Select(text => new Candidate(text))];
    }

    // After a transport, the first colon ends the path, and the name of an image follows.
    private static IEnumerable<Candidate> Behind(
        string transport, string rest, Func<string, IEnumerable<string>> names, bool onlyDirectories = false)
    {
        var colon = rest.IndexOf(':', StringComparison.Ordinal);
        if (colon < 0) return PathCandidates.Of(rest, transport, onlyDirectories);
        var path = rest[..colon];
        return names(path).Select(name => new Candidate($"{transport}{path}:{name}"));
    }

    // Names at the end of a large compressed archive are left out. A read from a lost network share may never return. The process
    // then ends while the thread still reads.
    private static ImageNames NamesIn(string? image, TimeSpan longestWait)
    {
        var none = new ImageNames([], []);
        if (image is null or "-" || image.StartsWith(Registry, StringComparison.Ordinal)) return none;
        var path = PathOf(image);
        var reading = Task.Run(() =>
        {
            using var time = new CancellationTokenSource(longestWait / 2);
            return ImageNames.Of(path, time.Token);
        });
        try
        {
            return reading.Wait(longestWait) ? reading.Result : none;
        }
        catch (AggregateException exception) when (exception.InnerException is OverlayImgException or IOException or UnauthorizedAccessException)
        {
            return none;
        }
    }

    private static string PathOf(string image)
    {
        string[] transports = [DockerArchive, OciArchive, Layout];
        return transports.Select(transport => TransportText.After(transport, image)).FirstOrDefault(rest => rest is not null) is { } path
            ? path.Split(':')[0] : image;
    }
}
