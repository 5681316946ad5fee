using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes a tree as an ext4 disk (kernel documentation, <c>filesystems/ext4</c>): 4 KiB blocks, no journal, no checksums, an index for each large
/// directory. Plans every inode and block first, then writes front to back. Equal trees give equal bytes: no time, no random number, the UUID from
/// the disk's own metadata.
/// </summary>
/// <remarks>
/// The tree's one time of a file is its access, change and creation time too. Times beyond 1901 to 2446 become the nearest that fits. Where the
/// root of a writable disk has no <c>lost+found</c>, an empty one is made.
/// </remarks>
public static class Ext4Writer
{
    /// <summary>Changes when the writer makes other disks of the same trees: for names of disks that are kept.</summary>
    public const int Version = 2;

    /// <summary>Writes the disk, in the place of what was at <paramref name="path"/>. Whatever goes wrong, no part of it is left.</summary>
    /// <exception cref="InputException">ext4 can't hold something of the tree (the path tells what), or a source can't be read.</exception>
    /// <exception cref="MachineException">The tree does not fit into the size that was asked for, or the file can't be written.</exception>
    public static void Write(FileTree tree, string path, Ext4WriterOptions options, CancellationToken cancellationToken)
    {
        var plan = DiskPlan.Make(tree, options, cancellationToken);
        try
        {
            using var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write, FileShare.Read);
            var isComplete = false;
            try
            {
                WriteDisk(plan, file, options, cancellationToken);
                isComplete = true;
            }
            finally
            {
                if (!isComplete) File.Delete(path);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new MachineException($"The disk {path} can't be written: {exception.Message}", exception)
            {
                Advice = "Check the free space and the permissions there.",
            };
        }
    }

    private static void WriteDisk(DiskPlan plan, SafeFileHandle file, Ext4WriterOptions options, CancellationToken cancellationToken)
    {
        RandomAccess.SetLength(file, plan.Geometry.BlockCount * DiskFormat.BlockSize);
        using var output = new DiskOutput(file);
        var head = GroupWriter.MakeHead(plan, options.ReadOnly);
        output.SkipTo(head.Length);
        GroupWriter.WriteBitmaps(plan, output, cancellationToken);
        new InodeTableWriter(plan, output).Write(cancellationToken);
        var content = new ContentWriter(plan, output);
        content.WriteMetadata(cancellationToken);
        // The digest comes from all of the metadata; it can't come before it, so the superblock is written last.
        Superblock.WriteIdentity(head.AsSpan(Superblock.DiskOffset, Superblock.Size), output.FinishDigest(head), plan.Tree.HasIndexes);
        content.WriteData(cancellationToken);
        output.Finish();
        RandomAccess.Write(file, head, 0);
    }
}
