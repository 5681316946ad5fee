using OverlayImg.Builders.Pages;
using OverlayImg.FileSystems.Comparison;
using OverlayImg.Images;
using OverlayImg.Images.BaseImages;
using OverlayImg.Images.Locations;
using OverlayImg.Images.Manifests;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.Diffs;

/// <summary>Compares two images: their file systems path by path, and their configs field by field.</summary>
public static class ImageDiff
{
    /// <summary>
    /// Compares two images. A layer that both images have is opened and hashed once, and files that both take from it are equal without being read.
    /// </summary>
    /// <exception cref="InputException">An image is broken.</exception>
    /// <exception cref="MachineException">The host has no space for decompressed layers.</exception>
    public static Task<ImageDifferences> RunAsync(ImageDiffOptions options, Session session) => CompareAsync(options, session, (_, _, _) => { });

    /// <summary>Compares two images like <see cref="RunAsync"/>, and writes an HTML page that needs no other file and no network.</summary>
    /// <param name="options">The images.</param>
    /// <param name="path">The file to write; <c>-</c> for standard output.</param>
    /// <exception cref="InputException">An image is broken.</exception>
    /// <exception cref="MachineException">The host has no space, or the file can't be written.</exception>
    public static async Task<ComparedPage> WritePageAsync(ImageDiffOptions options, string path, Session session)
    {
        using var output = PageFile.Prepare(path);
        byte[] html = [];
        var differences = await CompareAsync(
            options, session, (first, second, found) => html = new DiffPage(first, second, found, session.CancellationToken).Compose());
        session.Lifetime.RequireUnchanged();
        return new(differences, output.Publish(html));
    }

    // The caller sees the open images and their differences.
    private static async Task<ImageDifferences> CompareAsync(
        ImageDiffOptions options, Session session, Action<BaseImage, BaseImage, ImageDifferences> see)
    {
        var cancellationToken = session.CancellationToken;
        var first = await BaseImage.OpenAsync(options.First, session);
        var second = await BaseImage.OpenAsync(options.Second, session, first);
        var meter = session.Meter("Comparing the files", first.LengthToVerify + second.LengthToVerify);
        var verified = Task.WhenAll(first.VerifyAsync(meter, cancellationToken), second.VerifyAsync(meter, cancellationToken));
        var paths = await Task.Run(
            () => TreeComparison.CompareAsync(first.Merged, second.Merged, options.WithTimes, cancellationToken), cancellationToken);
        await verified;
        var found = new ImageDifferences(
            Describe(options.First, first.Image), Describe(options.Second, second.Image), CompareFields(first.Image, second.Image), paths);
        see(first, second, found);
        return found;
    }

    private static ComparedImage Describe(ImageChoice choice, Image image) =>
        new(choice.Location.Name, image.DisplayName, image.Config.Id.ToString());

    private static List<FieldDifference> CompareFields(Image first, Image second)
    {
        var found = new List<FieldDifference>();
        Note(found, "names", NamesOf(first), NamesOf(second));
        var (before, after) = (ConfigFields.Of(first.Config), ConfigFields.Of(second.Config));
        foreach (var field in before.Keys.Union(after.Keys).Order(StringComparer.Ordinal))
            Note(found, field, before.GetValueOrDefault(field), after.GetValueOrDefault(field));
        return found;
    }

    private static string? NamesOf(Image image) =>
        image.References.Count == 0
            ? null
            : string.Join(", ", image.References.Select(reference => reference.ToString()).Order(StringComparer.Ordinal));

    private static void Note(List<FieldDifference> found, string field, string? first, string? second)
    {
        if (first != second) found.Add(new(field, first, second));
    }
}
