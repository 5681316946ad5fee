using OverlayImg.Images.Digests;
using OverlayImg.Images.Json;
using OverlayImg.Images.Layouts;
using OverlayImg.Images.Sources;

namespace OverlayImg.Images.Validation;

/// <summary>Rules for an archive that is a layout and a docker-archive: each client reads only one, so both must agree.</summary>
internal static class AgreementRules
{
    public static void Check(IReadOnlyCollection<CheckedImage> layout, IReadOnlyCollection<CheckedImage> docker, Findings findings)
    {
        var (oci, own) = (ById(layout), ById(docker));
        foreach (var id in own.Keys.Except(oci.Keys))
            findings.Error("hybrid-agreement", DockerManifest.Name, $"names the image {id}, which index.json does not");
        foreach (var id in ById(layout.Where(image => !image.IsOfList)).Keys.Except(own.Keys))
            findings.Error("hybrid-agreement", LayoutIndex.Name, $"names the image {id}, which manifest.json does not");
        foreach (var id in own.Keys.Intersect(oci.Keys))
        {
            // A layout may leave out full names. Names that it has must be those of manifest.json.
            if (oci[id].Count > 0 && !oci[id].SetEquals(own[id]))
                findings.Warn("hybrid-names", $"image {id}", $"is {Names(own[id])} in manifest.json, but {Names(oci[id])} in index.json");
        }
    }

    private static Dictionary<Digest, HashSet<string>> ById(IEnumerable<CheckedImage> images) => images.GroupBy(image => image.ConfigId)
        .ToDictionary(group => group.Key, group => group.SelectMany(image => image.References).Select(reference => reference.Key).ToHashSet());

    private static string Names(HashSet<string> names) =>
        names.Count == 0 ? "without a name" : string.Join(", ", names.Order(StringComparer.Ordinal).Take(10).Select(JsonInput.Printable));
}
