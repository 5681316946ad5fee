namespace OverlayImg.FileSystems.Exclusions;

/// <summary>
/// Patterns of files that are left out of a directory, in the language of Docker's <c>.dockerignore</c> files. The last pattern that matches a
/// file, or a directory above the file, decides. A pattern that begins with <c>!</c> includes the files again.
/// </summary>
public sealed class ExclusionList
{
    /// <summary>Maximum number of patterns in a list.</summary>
    public const int MaximumCount = 10_000;

    private readonly ExclusionPattern[] _patterns;

    private ExclusionList(ExclusionPattern[] patterns) => _patterns = patterns;

    /// <summary>Parses the lines of a file.</summary>
    /// <param name="text">Text of the file, without a byte order mark.</param>
    /// <param name="file">Name of the file in messages.</param>
    /// <exception cref="InputException">A line is not a pattern, or the file has more than <see cref="MaximumCount"/> patterns.</exception>
    public static ExclusionList Parse(string text, string file)
    {
        // Only a hash sign in the first column begins a comment. An empty line keeps the numbers of the other lines.
        var lines = text.Split('\n').Select(line => line.StartsWith('#') ? "" : line);
        return Parse([.. lines], line => new($"{file}, line {line}"));
    }

    /// <summary>Parses patterns that are given one by one.</summary>
    /// <exception cref="InputException">A text is not a pattern, or there are more than <see cref="MaximumCount"/> patterns.</exception>
    public static ExclusionList Of(IReadOnlyList<string> patterns) =>
        Parse(patterns, line => new($"'{ByteString.FromText(patterns[line - 1])}'"));

    /// <summary>The patterns of this list and then those of another list, which win.</summary>
    public ExclusionList Then(ExclusionList later) => new([.. _patterns, .. later._patterns]);

    /// <summary>Whether the list excludes nothing.</summary>
    public bool IsEmpty => !_patterns.Any(pattern => !pattern.Includes);

    /// <summary>The patterns at the top directory. The top directory itself is never excluded.</summary>
    internal ExclusionScope Root => new(_patterns);

    /// <summary>Returns a tree without the excluded files. The given tree does not change. The two trees share the nodes of files.</summary>
    public FileTree ApplyTo(FileTree tree, CancellationToken cancellationToken)
    {
        if (IsEmpty) return tree;
        var root = new DirectoryNode(tree.Root.Metadata, tree.Root.IsImplied);
        var pending = new Stack<(DirectoryNode Source, DirectoryNode Target, ExclusionScope Patterns)>([(tree.Root, root, Root)]);
        var pruning = new EmptyDirectories();
        while (pending.TryPop(out var next))
        {
            foreach (var (name, node) in next.Source.UnsortedEntries)
            {
                cancellationToken.ThrowIfCancellationRequested();
                var verdict = next.Patterns.Judge(name, out var below);
                if (verdict == Verdict.Excluded || (verdict == Verdict.Searched && node is not DirectoryNode)) continue;
                if (node is not DirectoryNode directory)
                {
                    next.Target.Set(name, node);
                    continue;
                }

                var copy = new DirectoryNode(directory.Metadata, directory.IsImplied);
                next.Target.Set(name, copy);
                if (verdict == Verdict.Searched) pruning.Add(next.Target, name, copy);
                pending.Push((directory, copy, below));
            }
        }

        pruning.Remove();
        return new(root);
    }

    private static ExclusionList Parse(IReadOnlyList<string> lines, Func<int, InputLocation> where)
    {
        var patterns = new List<ExclusionPattern>();
        foreach (var (index, line) in lines.Index())
        {
            try
            {
                if (ExclusionPattern.Parse(line) is { } pattern) patterns.Add(pattern);
            }
            catch (FormatException exception)
            {
                throw new InputException($"is not a pattern: it {exception.Message}", where(index + 1))
                {
                    Advice = "Write the pattern as in a .dockerignore file.",
                };
            }

            if (patterns.Count > MaximumCount) throw new InputException($"has more than {MaximumCount} patterns", where(index + 1));
        }

        return new([.. patterns]);
    }
}
