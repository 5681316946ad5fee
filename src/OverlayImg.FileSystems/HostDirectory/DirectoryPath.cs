using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// The path of a directory of the host, as a reference to its parent and its own name. Each file thus needs one reference at any depth, and
/// the path may be longer than PATH_MAX. The directory where a scan starts has no parent, and its whole path as name.
/// </summary>
internal sealed class DirectoryPath(DirectoryPath? parent, ByteString name)
{
    // PATH_MAX, which includes the NUL. A name has at most 255 bytes on nearly every file system, so a piece of this size holds several names.
    private const int PathMaximum = 4096;

    /// <summary>The path of the directory where the scan started.</summary>
    public ByteString Start => Chain().Peek().Name;

    private DirectoryPath? Parent { get; } = parent;

    private ByteString Name { get; } = name;

    /// <summary>The path of <paramref name="name"/> in this directory, relative to <see cref="Start"/>.</summary>
    public ByteString RelativePath(ByteString name)
    {
        var chain = Chain();
        chain.Pop();
        return Join(chain, name);
    }

    /// <summary>
    /// Opens <paramref name="name"/> in this directory without following a symbolic link at the end. Returns null and sets errno where that fails.
    /// </summary>
    public SafeFileHandle? Open(ReadOnlySpan<byte> name, int flags)
    {
        var path = Join(Chain(), new(name)).Span;
        var directory = LibC.WorkingDirectory;
        try
        {
            while (path.Length >= PathMaximum)
            {
                var cut = path[..(PathMaximum - 1)].LastIndexOf((byte)'/');
                if (LibC.Open(directory, Terminated(path[..cut]), LibC.OpenPathOnly | LibC.OpenDirectory) is not { } next) return null;
                directory.Dispose();
                directory = next;
                path = path[(cut + 1)..];
            }

            return LibC.Open(directory, Terminated(path), flags | LibC.OpenNoFollow);
        }
        finally
        {
            var error = Marshal.GetLastPInvokeError();
            directory.Dispose();
            Marshal.SetLastPInvokeError(error);
        }
    }

    public static byte[] Terminated(ReadOnlySpan<byte> path)
    {
        var terminated = new byte[path.Length + 1];
        path.CopyTo(terminated);
        return terminated;
    }

    private static ByteString Join(Stack<DirectoryPath> chain, ByteString name)
    {
        var path = new MemoryStream();
        foreach (var directory in chain)
        {
            path.Write(directory.Name.Span);
            if (!directory.Name.Span.EndsWith("/"u8)) path.WriteByte((byte)'/');
        }

        path.Write(name.Span);
        return new(path.ToArray());
    }

    private Stack<DirectoryPath> Chain()
    {
        var chain = new Stack<DirectoryPath>();
        for (var directory = this; directory is not null; directory = directory.Parent) chain.Push(directory);
        return chain;
    }
}
