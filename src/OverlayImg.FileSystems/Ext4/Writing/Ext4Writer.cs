using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Writes a tree as an ext4 disk (kernel documentation, <c>filesystems/ext4</c>) with blocks of 4 KiB, without journal and checksums. Large
/// directories get a hash index. The writer plans all inodes and blocks, then writes sequentially. Equal trees give equal bytes: the disk has
/// no current time and no random number, and its UUID is a digest of its metadata.
/// </summary>
/// <remarks>
/// A node's modification time becomes the access, change and creation time, too. Times outside 1901 to 2446 become the nearest possible time.
/// A writable disk gets an empty <c>lost+found</c> where the root has none.
/// </remarks>
public static class Ext4Writer
{
    /// <summary>The version of the disks, for the names of cached disks. It must change when the same tree gives another disk.</summary>
    public const int Version = 2;

    /// <summary>Writes the disk and replaces a file at <paramref name="path"/>. After an error no partial disk is left.</summary>
    /// <exception cref="InputException">ext4 can't hold a file or directory of the tree, or a source can't be read.</exception>
    /// <exception cref="MachineException">The tree does not fit into the given size, or the disk can't be written.</exception>
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
            throw new MachineException($"The disk {path} can't be written: {HostTrouble.Reason(exception)}", exception)
            {
                Advice = HostTrouble.Advice(exception) ?? "Check the free space and the permissions of its directory.",
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
        // The UUID comes from the digest of all metadata, so the superblock is written last.
        Superblock.WriteIdentity(head.AsSpan(Superblock.DiskOffset, Superblock.Size), output.FinishDigest(head), plan.Tree.HasIndexes);
        content.WriteData(cancellationToken);
        output.Finish();
        RandomAccess.Write(file, head, 0);
    }
}
