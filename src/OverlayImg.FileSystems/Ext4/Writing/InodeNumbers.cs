using System.Runtime.CompilerServices;
using OverlayImg.FileSystems.Ext4.Format;

namespace OverlayImg.FileSystems.Ext4.Writing;

/// <summary>
/// Gives inode numbers to nodes, and finds the number of a node that has one: names of one node are hard links. A hash table of numbers
/// beside the table of inodes, 8 bytes per file where a <see cref="Dictionary{TKey, TValue}"/> takes 30.
/// </summary>
internal sealed class InodeNumbers
{
    private int[] _slots = new int[1024];
    private int _used;

    /// <summary>Starts behind the reserved numbers.</summary>
    public InodeNumbers() => Inodes.Add(DiskFormat.FirstInode);

    /// <summary>The inodes by number; those that are reserved have no node.</summary>
    public ChunkedTable<PlannedInode> Inodes { get; } = new();

    /// <summary>Gives <paramref name="node"/> the next number, or finds the one that it has.</summary>
    /// <returns>The number, and whether it is new.</returns>
    public (int Number, bool IsNew) Assign(FileNode node) => Assign(node, Inodes.Count);

    /// <summary>Gives the root its reserved number.</summary>
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
        // The runtime's own hash of the object: names and contents of an image have no influence on it.
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
