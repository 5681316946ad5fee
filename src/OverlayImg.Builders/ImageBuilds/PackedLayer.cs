using OverlayImg.Builders.LayerDirectories;
using OverlayImg.Closures;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images.Digests;
using OverlayImg.Images.Overlay;
using OverlayImg.Images.Sessions;

namespace OverlayImg.Builders.ImageBuilds;

/// <summary>The tar of a new layer in a temporary file. An archive states the length and the digest of a layer before its bytes.</summary>
/// <param name="Source">The open file.</param>
/// <param name="DiffId">Digest of the tar.</param>
/// <param name="Checksum">TarSum of the tar without the closure; empty if it was not computed.</param>
/// <param name="Path">Path of the file.</param>
/// <param name="Changes">What the layer changes in the base image.</param>
internal sealed record PackedLayer(ByteSource Source, Digest DiffId, string Checksum, string Path, LayerChanges Changes)
{
    private const string Step = "Packing the new layer";

    /// <summary>The bytes of the tar.</summary>
    public FileContent Content => new SourceContent(Source, 0, Source.Length);

    /// <summary>Packs a layer, followed by the files of the closure. The session owns the file.</summary>
    public static PackedLayer Pack(ImageLayer layer, Closure closure, Timestamp fileTime, bool withTarSum, Session session)
    {
        var length = closure.ContentLength + layer.Tree.Walk().Sum(entry => entry.Node is RegularFileNode file ? file.Content.Length : 0);
        var path = session.Scratch.NewPath("layer.tar");
        using var stream = new LayerStream(path, path, session.Meter(Step, length), withTarSum);
        using var writer = new TarWriter(stream);
        TarTreeWriter.WriteEntries(layer.Tree, writer, layer.TarOptions, session.CancellationToken);
        writer.Flush();
        stream.EndTarSum();
        var appended = closure.AppendTo(writer, layer.Merged, fileTime, session.CancellationToken);
        writer.Complete();
        var (diffId, checksum) = stream.Complete();
        return new(session.Own(ByteSource.Open(path)), diffId, checksum, path, LayerChanges.Of(layer.Tree, layer.Base?.Merged).WithAdded(appended));
    }
}
