using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;
using OverlayImg.FileSystems.SystemCalls;

namespace OverlayImg.FileSystems.HostDirectory;

/// <summary>
/// A directory that was scanned, as its parent and its name: a file's path costs one reference, however deep it lies, and may be
/// longer than the kernel takes in one call. The first of a chain has no parent, and the path from which the scan began for a name.
/// </summary>
internal sealed class HostPlace(HostPlace? parent, ByteString name)
{
    // PATH_MAX with its NUL. One name has at most 255 bytes on nearly every file system, so a piece always holds several.
    private const int PathMaximum = 4096;

    /// <summary>The path from which the scan began.</summary>
    public ByteString Start => Chain().Peek().Name;

    private HostPlace? Parent { get; } = parent;

    private ByteString Name { get; } = name;

    /// <summary>Path of <paramref name="name"/> in this directory, from where the scan began.</summary>
    public ByteString RelativePath(ByteString name)
    {
        var chain = Chain();
        chain.Pop();
        return Join(chain, name);
    }

    /// <summary>Opens <paramref name="name"/> in this directory, following no link at its end; null with errno set when that fails.</summary>
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

    /// <summary>The bytes with a NUL behind them.</summary>
    public static byte[] Terminated(ReadOnlySpan<byte> path)
    {
        var terminated = new byte[path.Length + 1];
        path.CopyTo(terminated);
        return terminated;
    }

    private static ByteString Join(Stack<HostPlace> chain, ByteString name)
    {
        var path = new MemoryStream();
        foreach (var place in chain)
        {
            path.Write(place.Name.Span);
            if (!place.Name.Span.EndsWith("/"u8)) path.WriteByte((byte)'/');
        }

        path.Write(name.Span);
        return new(path.ToArray());
    }

    private Stack<HostPlace> Chain()
    {
        var chain = new Stack<HostPlace>();
        for (var place = this; place is not null; place = place.Parent) chain.Push(place);
        return chain;
    }
}
