using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using OverlayImg.Testing;

namespace OverlayImg.FileSystems.Tests.Tar;

/// <summary>
/// Lists all metadata as text, one line for each name: of a <see cref="FileTree"/>, or of a directory of the host by Python's <c>os.lstat</c>.
/// </summary>
internal static class Listings
{
    private const string Lister = """
        import hashlib, os, stat, sys
        nanoseconds, attributes = 'ns' in sys.argv, 'xattr' in sys.argv
        first = {}
        def show(path, name):
            s = os.lstat(path); kind = stat.S_IFMT(s.st_mode)
            content = hashlib.sha256(open(path, 'rb').read()).hexdigest() if stat.S_ISREG(kind) else ''
            if stat.S_ISLNK(kind): content = os.readlink(path).hex()
            size = s.st_size if stat.S_ISREG(kind) else 0
            device = '%d:%d' % (os.major(s.st_rdev), os.minor(s.st_rdev)) if stat.S_ISCHR(kind) or stat.S_ISBLK(kind) else ''
            link = first.setdefault(s.st_ino, name).hex() if stat.S_ISREG(kind) or stat.S_ISLNK(kind) else ''
            xattrs = ''
            if attributes:
                names = sorted(os.fsencode(n) for n in os.listxattr(path, follow_symlinks=False))
                xattrs = ','.join(n.hex() + '=' + os.getxattr(path, n, follow_symlinks=False).hex() for n in names)
            time = '%d.%09d' % (s.st_mtime_ns // 10**9, s.st_mtime_ns % 10**9 if nanoseconds else 0)
            fields = [name.hex(), stat.filemode(s.st_mode)[0], '%o' % stat.S_IMODE(s.st_mode), str(s.st_uid), str(s.st_gid), time, str(size)]
            print('|'.join(fields + [content, device, link, xattrs]))
            if stat.S_ISDIR(kind):
                for child in sorted(os.listdir(path)): show(path + b'/' + child, name + b'/' + child if name else child)
        show(os.fsencode(sys.argv[1]), b'')
        """;

    /// <summary>Lists a directory of the host with Python.</summary>
    public static async Task<string> OfDirectoryAsync(string directory, params string[] flags) =>
        (await Tool.RunAsync("python3", ["-c", Lister, directory, .. flags])).Succeeded().StandardOutput;

    /// <summary>Lists a tree in the same format.</summary>
    public static string Of(FileTree tree)
    {
        var lines = new StringBuilder();
        var first = new Dictionary<FileNode, ByteString>(ReferenceEqualityComparer.Instance);
        foreach (var (path, node) in tree.Walk())
        {
            var file = node as RegularFileNode;
            var link = node as SymbolicLinkNode;
            if (file is not null || link is not null) first.TryAdd(node, path);
            string[] fields =
            [
                Hex(path),
                TypeOf(node),
                Convert.ToString(node.Permissions, 8),
                $"{node.Uid}",
                $"{node.Gid}",
                $"{node.ModificationTime.Seconds}.{node.ModificationTime.Nanoseconds:D9}",
                $"{file?.Content.Length ?? 0}",
                file is not null ? HashOf(file.Content) : link is not null ? Hex(link.Target) : "",
                node.Type is FileType.CharacterDevice or FileType.BlockDevice ? $"{((SpecialNode)node).Major}:{((SpecialNode)node).Minor}" : "",
                first.TryGetValue(node, out var name) ? Hex(name) : "",
                string.Join(',', node.ExtendedAttributes.Select(attribute => $"{Hex(attribute.Name)}={Hex(attribute.Value)}")),
            ];
            lines.Append(CultureInfo.InvariantCulture, $"{string.Join('|', fields)}\n");
        }

        return lines.ToString();
    }

    // The first character of "ls -l".
    private static string TypeOf(FileNode node) => node.Type switch
    {
        FileType.Directory => "d",
        FileType.SymbolicLink => "l",
        FileType.CharacterDevice => "c",
        FileType.BlockDevice => "b",
        FileType.Fifo => "p",
        _ => "-",
    };

    private static string Hex(ByteString bytes) => Convert.ToHexStringLower(bytes.Span);

    private static string HashOf(FileContent content)
    {
        // An odd size makes reads start and end in the middle of data ranges and holes.
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[77_777];
        for (var offset = 0L; offset < content.Length; offset += buffer.Length)
        {
            var part = buffer.AsSpan(0, (int)Math.Min(buffer.Length, content.Length - offset));
            content.Read(offset, part);
            hash.AppendData(part);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
