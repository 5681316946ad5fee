namespace OverlayImg.FileSystems.Ext4.Format;

/// <summary>Converts file types to and from the <c>S_IFMT</c> bits of <c>i_mode</c>, and to <c>file_type</c> of directory records.</summary>
internal static class InodeMode
{
    /// <summary>The bits of <c>i_mode</c> below <c>S_IFMT</c>.</summary>
    public const int PermissionsMask = 0xFFF;

    private const int TypeMask = 0xF000;

    /// <summary>The <c>i_mode</c> of a node: type and permissions.</summary>
    public static ushort Of(FileNode node) => (ushort)(Bits(node.Type) | node.Permissions);

    /// <summary>The file type of an <c>i_mode</c>, or null where the bits stand for no type.</summary>
    public static FileType? TypeOf(ushort mode) => (mode & TypeMask) switch
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

    /// <summary>The <c>file_type</c> of a directory record (<c>EXT4_FT_*</c>).</summary>
    public static byte DirectoryEntryType(FileType type) => type switch
    {
        FileType.RegularFile => 1,
        FileType.Directory => 2,
        FileType.CharacterDevice => 3,
        FileType.BlockDevice => 4,
        FileType.Fifo => 5,
        FileType.Socket => 6,
        FileType.SymbolicLink => 7,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };

    private static int Bits(FileType type) => type switch
    {
        FileType.Fifo => 0x1000,
        FileType.CharacterDevice => 0x2000,
        FileType.Directory => 0x4000,
        FileType.BlockDevice => 0x6000,
        FileType.RegularFile => 0x8000,
        FileType.SymbolicLink => 0xA000,
        FileType.Socket => 0xC000,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, null),
    };
}
