using OverlayImg.Testing;

namespace OverlayImg.Images.Tests;

/// <summary>Lists a directory of the host, which another tool unpacked or mounted, in the format of <see cref="TreeListing"/>.</summary>
internal static class DirectoryListing
{
    /// <summary>A Python program that lists the directory in its argument.</summary>
    public const string Program = """
        import hashlib, os, stat, sys
        first = {}
        names = {stat.S_IFREG: 'RegularFile', stat.S_IFDIR: 'Directory', stat.S_IFLNK: 'SymbolicLink', stat.S_IFCHR: 'CharacterDevice',
                 stat.S_IFBLK: 'BlockDevice', stat.S_IFIFO: 'Fifo', stat.S_IFSOCK: 'Socket'}
        def text(name): return name.decode().replace('\\', '\\\\').replace('\n', '\\n')
        def show(root, path):
            full = root + path
            info = os.lstat(full)
            kind = stat.S_IFMT(info.st_mode)
            line = '%s %s %o %d:%d' % (text(path or b'/'), names[kind], stat.S_IMODE(info.st_mode), info.st_uid, info.st_gid)
            for name in sorted(os.listxattr(full, follow_symlinks=False)):
                line += ' %s=%s' % (name, os.getxattr(full, name, follow_symlinks=False).hex().upper())
            if kind == stat.S_IFLNK: line += ' -> ' + text(os.readlink(full))
            elif kind == stat.S_IFREG:
                data = open(full, 'rb').read()
                line += ' %d %d %s' % (int(info.st_mtime // 1), len(data), hashlib.sha256(data).hexdigest()[:12].upper())
            elif kind != stat.S_IFDIR: line += ' %d:%d' % (os.major(info.st_rdev), os.minor(info.st_rdev))
            other = first.setdefault((info.st_dev, info.st_ino), path)
            if other != path: line += ' =' + text(other)
            if kind != stat.S_IFSOCK: print(line)
            if kind == stat.S_IFDIR:
                for name in sorted(os.listdir(full)): show(root, path + b'/' + name)
        show(os.fsencode(sys.argv[1]), b'')
        """;

    public static async Task<string[]> OfAsync(string directory) =>
        (await Tool.OutputAsync("python3", "-c", Program, directory)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
