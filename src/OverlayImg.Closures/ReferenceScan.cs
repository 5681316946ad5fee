using System.Buffers;
using OverlayImg.FileSystems;
using OverlayImg.FileSystems.HostDirectory;

namespace OverlayImg.Closures;

/// <summary>
/// Finds the references of store paths as Nix does after a build: by hashes in the content of files, in link targets
/// and in names. Files are read on all cores, large files in pieces.
/// </summary>
/// <param name="hashes">The store paths that references can name.</param>
internal sealed class ReferenceScan(StoreHashes hashes, CancellationToken cancellationToken)
{
    private const int BufferLength = 256 << 10;
    private const long PieceLength = 16 << 20;

    private static readonly HostTreeOptions Reading = new() { Uid = 0, Gid = 0, Xattrs = false };

    private readonly record struct Piece(int Path, ByteString Place, FileContent Content, long Start, long End);

    // Pieces and buffers overlap: a name that one of them cuts off is complete in the next.
    private readonly int _overlap = hashes.LongestName - 1;

    /// <summary>Returns <paramref name="paths"/> with their references, sorted. A path that names itself refers to itself.</summary>
    /// <exception cref="InputException">A path does not exist, or changed while it was read.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public IReadOnlyList<StorePathInfo> Scan(IReadOnlyList<ByteString> paths)
    {
        var nodes = paths.Select(path => HostTree.ReadNode(path, Reading, cancellationToken) ?? throw IsMissing(path)).ToArray();
        var found = Scan(nodes);
        return [.. paths.Select((path, index) => new StorePathInfo(path, PathsOf(found[index])))];
    }

    /// <summary>Returns the references of a tree that is no store path, such as a layer.</summary>
    /// <exception cref="InputException">A file changed while it was read.</exception>
    /// <exception cref="MachineException">A file can't be read.</exception>
    public FoundReferences ScanTree(FileTree tree) => Scan([tree.Root])[0];

    /// <summary>The known paths among <paramref name="found"/>, sorted.</summary>
    public IReadOnlyList<ByteString> PathsOf(FoundReferences found) => [.. found.Known.Select(index => hashes.Paths[index]).Order()];

    /// <summary>Creates the error for a store path that does not exist.</summary>
    public static InputException IsMissing(ByteString path, string? file = null) =>
        new($"{(file is null ? "the" : "names the")} store path {path}{(file is null ? "" : ", which")} does not exist", new(file))
        {
            Advice = "Build or fetch the store path first.",
        };

    private FoundReferences[] Scan(FileNode[] nodes)
    {
        FoundReferences[] found = [.. nodes.Select(_ => new FoundReferences())];
        var pieces = new List<Piece>();
        for (var index = 0; index < nodes.Length; index++)
        {
            SearchNames(nodes[index], found[index]);
            pieces.AddRange(PiecesOf(nodes[index], index));
        }

        SearchContent(pieces, found);
        return found;
    }

    private static IEnumerable<TreeEntry> EntriesOf(FileNode node) =>
        node is DirectoryNode directory ? new FileTree(directory).Walk() : [new(ByteString.Empty, node)];

    private void SearchNames(FileNode node, FoundReferences found)
    {
        // The store path's own name is no reference: nothing in it uses the path by that name.
        foreach (var (path, entry) in EntriesOf(node))
        {
            found.Place = path;
            hashes.Search(TreePath.Name(path).Span, found);
            if (entry is SymbolicLinkNode link) hashes.Search(link.Target.Span, found);
        }
    }

    private IEnumerable<Piece> PiecesOf(FileNode node, int index)
    {
        // A file with several hard links is read once.
        foreach (var (path, entry) in EntriesOf(node).Where(entry => entry.Node is RegularFileNode).DistinctBy(entry => entry.Node))
        {
            var content = ((RegularFileNode)entry).Content;
            foreach (var extent in content.DataExtents)
            {
                for (var start = extent.Offset; start < extent.Offset + extent.Length; start += PieceLength)
                {
                    var end = Math.Min(start + PieceLength, extent.Offset + extent.Length);
                    yield return new(index, path, content, Math.Max(start - _overlap, 0), end);
                }
            }
        }
    }

    private void SearchContent(List<Piece> pieces, FoundReferences[] found)
    {
        ParallelWork.Run(pieces, piece =>
        {
            var here = new FoundReferences { Place = piece.Place };
            Search(piece, here);
            lock (found[piece.Path]) found[piece.Path].Add(here);
        }, cancellationToken);
    }

    private void Search(Piece piece, FoundReferences found)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferLength);
        for (var start = piece.Start; start < piece.End; start += BufferLength - _overlap)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var bytes = buffer.AsSpan(0, (int)Math.Min(BufferLength, piece.End - start));
            piece.Content.Read(start, bytes);
            hashes.Search(bytes, found);
        }

        ArrayPool<byte>.Shared.Return(buffer);
    }
}
