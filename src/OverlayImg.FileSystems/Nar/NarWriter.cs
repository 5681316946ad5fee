using System.Buffers.Binary;

namespace OverlayImg.FileSystems.Nar;

/// <summary>
/// Writes Nix archives (NAR), the serialization that Nix hashes. A NAR has names, contents, link targets and the owner's execute permission.
/// It has no owners, times, other permissions or hard links. Each string follows its length and is padded with zeros to a multiple of 8 bytes.
/// </summary>
public static class NarWriter
{
    private const int Alignment = 8;
    private const int OwnerExecutes = 0x40 /* 0100 */;

    private readonly record struct Level(ByteString Path, DirectoryEntry[] Entries, int Next);

    /// <summary>Writes <paramref name="node"/> and everything below it.</summary>
    /// <returns>Number of bytes written.</returns>
    /// <exception cref="InputException">The tree has a device, a named pipe or a socket, or a file's content can't be read.</exception>
    public static long Write(FileNode node, Stream output, CancellationToken cancellationToken)
    {
        using var buffered = new BufferedOutput(output);
        WriteString("nix-archive-1"u8, buffered);
        var levels = new Stack<Level>();
        Open(ByteString.Empty, node, levels, buffered, cancellationToken);
        while (levels.TryPop(out var level))
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (level.Next == level.Entries.Length)
            {
                WriteString(")"u8, buffered);
                // Closes the parent's entry for this directory.
                if (levels.Count > 0) WriteString(")"u8, buffered);
                continue;
            }

            var (name, next) = level.Entries[level.Next];
            levels.Push(level with { Next = level.Next + 1 });
            WriteString("entry"u8, buffered);
            WriteString("("u8, buffered);
            WriteString("name"u8, buffered);
            WriteString(name.Span, buffered);
            WriteString("node"u8, buffered);
            Open(TreePath.Join(level.Path, name), next, levels, buffered, cancellationToken);
            if (next is not DirectoryNode) WriteString(")"u8, buffered);
        }

        buffered.Flush();
        return buffered.Position;
    }

    /// <summary>Writes a node completely, or the part of a directory before its entries.</summary>
    private static void Open(ByteString path, FileNode node, Stack<Level> levels, BufferedOutput output, CancellationToken cancellationToken)
    {
        WriteString("("u8, output);
        WriteString("type"u8, output);
        switch (node)
        {
            case DirectoryNode directory:
                WriteString("directory"u8, output);
                levels.Push(new(path, directory.SortedEntries(), 0));
                return;
            case SymbolicLinkNode link:
                WriteString("symlink"u8, output);
                WriteString("target"u8, output);
                WriteString(link.Target.Span, output);
                break;
            case RegularFileNode file:
                WriteString("regular"u8, output);
                WriteContent(file, output, cancellationToken);
                break;
            default:
                throw new InputException($"is a {node.Type}, which no Nix archive can hold", new(Path: path.ToString()));
        }

        WriteString(")"u8, output);
    }

    private static void WriteContent(RegularFileNode file, BufferedOutput output, CancellationToken cancellationToken)
    {
        if ((file.Permissions & OwnerExecutes) != 0)
        {
            WriteString("executable"u8, output);
            WriteString(default, output);
        }

        WriteString("contents"u8, output);
        WriteLength(file.Content.Length, output);
        output.Write(file.Content, cancellationToken);
        output.Pad(Alignment);
    }

    private static void WriteString(ReadOnlySpan<byte> text, BufferedOutput output)
    {
        WriteLength(text.Length, output);
        output.Write(text);
        output.Pad(Alignment);
    }

    private static void WriteLength(long length, BufferedOutput output)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, length);
        output.Write(bytes);
    }
}
