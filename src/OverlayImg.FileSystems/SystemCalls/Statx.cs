using System.Runtime.InteropServices;

namespace OverlayImg.FileSystems.SystemCalls;

/// <summary>
/// The used fields of <c>struct statx</c> (linux/stat.h) by the kernel's names. Unlike <c>struct stat</c>, the layout is the same on all
/// architectures.
/// </summary>
[StructLayout(LayoutKind.Explicit, Size = 256)]
internal struct Statx
{
    private const int TypeMask = 0xF000;

    [FieldOffset(0x10)] public uint Nlink;
    [FieldOffset(0x14)] public uint Uid;
    [FieldOffset(0x18)] public uint Gid;
    [FieldOffset(0x1C)] public ushort Mode;
    [FieldOffset(0x20)] public ulong Ino;
    [FieldOffset(0x28)] public ulong Size;
    [FieldOffset(0x30)] public ulong Blocks;
    [FieldOffset(0x50)] public long BtimeSeconds;
    [FieldOffset(0x58)] public uint BtimeNanoseconds;
    [FieldOffset(0x60)] public long CtimeSeconds;
    [FieldOffset(0x68)] public uint CtimeNanoseconds;
    [FieldOffset(0x70)] public long MtimeSeconds;
    [FieldOffset(0x78)] public uint MtimeNanoseconds;
    [FieldOffset(0x80)] public uint RdevMajor;
    [FieldOffset(0x84)] public uint RdevMinor;
    [FieldOffset(0x88)] public uint DevMajor;
    [FieldOffset(0x8C)] public uint DevMinor;

    /// <summary>The device number of the file system, major number in the upper 32 bits.</summary>
    public readonly ulong Device => ((ulong)DevMajor << 32) | DevMinor;

    public readonly ushort Permissions => (ushort)(Mode & 0xFFF);

    /// <summary>When the inode was created; 0 on file systems without birth times.</summary>
    public readonly Timestamp BirthTime => new(BtimeSeconds, (int)BtimeNanoseconds);

    /// <summary>When the inode last changed in any way. No program can set this time back.</summary>
    public readonly Timestamp ChangeTime => new(CtimeSeconds, (int)CtimeNanoseconds);

    public readonly Timestamp ModificationTime => new(MtimeSeconds, (int)MtimeNanoseconds);

    /// <summary>The file type; null for a type that Linux does not have.</summary>
    public readonly FileType? Type => (Mode & TypeMask) switch
    {
        0x1000 => FileType.Fifo,
        0x2000 => FileType.CharacterDevice,
        0x4000 => FileType.Directory,
        0x6000 => FileType.BlockDevice,
        0x8000 => FileType.RegularFile,
        0xA000 => FileType.SymbolicLink,
        0xC000 => FileType.Socket,
        _ => null,
    };
}
