using System.Runtime.CompilerServices;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Assigns inode numbers to nodes. A node with several names (hard links) has one number. The hash table has only numbers, which index the inode
/// table: 8 bytes per file, where a <see cref="Dictionary{TKey, TValue}"/> takes 30.
/// </summary>
internal sealed class InodeNumbers
{
    private int[] _slots = new int[1024];
    private int _used;

    public InodeNumbers() => Inodes.Add(DiskFormat.FirstInode);

    /// <summary>The inodes by number. Reserved inodes have no node.</summary>
    public ChunkedTable<PlannedInode> Inodes { get; } = new();

    /// <summary>Assigns the next number to <paramref name="node"/>, or returns the number that the node has.</summary>
    /// <returns>The number, and whether it is new.</returns>
    public (int Number, bool IsNew) Assign(FileNode node) => Assign(node, Inodes.Count);

    /// <summary>Assigns the reserved number of the root directory.</summary>
    public void AssignRoot(DirectoryNode root) => Assign(root, DiskFormat.RootInode);

    private (int Number, bool IsNew) Assign(FileNode node, int number)
    {
        if (_used * 2 >= _slots.Length) Grow();
        ref var slot = ref SlotOf(node);
        if (slot != 0) return (slot, false);
        slot = number;
        _used++;
        if (number == Inodes.Count) Inodes.Add(1);
        Inodes[number].Node = node;
        return (number, true);
    }

    private ref int SlotOf(FileNode node)
    {
        // The runtime's hash of the object does not depend on names or contents, so an image can't cause collisions.
        for (var index = RuntimeHelpers.GetHashCode(node); ; index++)
        {
            ref var slot = ref _slots[index & (_slots.Length - 1)];
            if (slot == 0 || ReferenceEquals(Inodes[slot].Node, node)) return ref slot;
        }
    }

    private void Grow()
    {
        var old = _slots;
        _slots = new int[old.Length * 2];
        foreach (var number in old)
        {
            if (number != 0) SlotOf(Inodes[number].Node!) = number;
        }
    }
}
