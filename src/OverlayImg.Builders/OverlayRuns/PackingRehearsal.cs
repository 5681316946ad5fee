using OverlayImg.FileSystems;
using OverlayImg.FileSystems.Ext4;
using OverlayImg.FileSystems.Tar;
using OverlayImg.Images;

namespace OverlayImg.Builders;

/// <summary>
/// Packs a layer of one file, for nothing but the runtime, which loads and compiles what is used for the first time: while the guest starts the tool only
/// waits for it, and when the scripts have ended the user waits for the tool.
/// </summary>
internal static class PackingRehearsal
{
    /// <summary>Does it, in <paramref name="scratch"/>.</summary>
    /// <exception cref="MachineException">There is no space even for that.</exception>
    public static void Run(TarWriterOptions tarOptions, ScratchDirectory scratch, CancellationToken cancellationToken)
    {
        var layer = new DirectoryNode(Metadata.DefaultDirectory);
        layer.Set(new("file"u8), new RegularFileNode(Metadata.DefaultFile, new MemoryContent("content"u8.ToArray())));
        var path = scratch.NewPath("rehearsal.ext4");
        Ext4Writer.Write(UpperDisk.Fresh(layer), path, new(), cancellationToken);
        using var disk = ByteSource.Open(path);
        var read = UpperDisk.Read(disk, cancellationToken);
        var diff = UpperDiff.Compute(read.Layer, new(new DirectoryNode(Metadata.DefaultDirectory)), cancellationToken);
        using var tar = new LayerStream(scratch.NewPath("rehearsal.tar"), new StepMeter("", diff.Tree.Walk().Count(), new Silence()));
        TarTreeWriter.Write(diff.Tree, tar, tarOptions, cancellationToken);
        tar.Complete();
    }
}
