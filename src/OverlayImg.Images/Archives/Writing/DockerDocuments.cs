namespace OverlayImg.Images;

/// <summary>Writes the documents of a docker-archive.</summary>
internal static class DockerDocuments
{
    /// <summary>
    /// <c>manifest.json</c> over the blobs of an OCI layout, as docker 25 and later saves images. No <c>repositories</c>: loaders that want it
    /// (before Docker 1.10) want a directory per layer, too.
    /// </summary>
    public static byte[] Manifest(IReadOnlyList<StoredImage> images) => JsonBytes.Of(writer =>
    {
        writer.WriteStartArray();
        foreach (var image in images)
        {
            writer.WriteStartObject();
            writer.WriteString("Config", ArchiveMembers.NameOf(image.ConfigBlob.Digest));
            writer.WriteStartArray("RepoTags");
            foreach (var reference in image.References.Where(reference => reference.Name.Length > 0)) writer.WriteStringValue(reference.Text);
            writer.WriteEndArray();
            writer.WriteStartArray("Layers");
            foreach (var layer in image.Layers) writer.WriteStringValue(ArchiveMembers.NameOf(layer.Digest));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    });
}
