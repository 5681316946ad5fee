namespace OverlayImg.Closures.Dpkg;

/// <summary>
/// Counts the direct and indirect dependants of packages. A package with many dependants changes rarely and is in many images.
/// </summary>
internal static class DpkgPopularity
{
    /// <summary>Returns the number of dependants of each of <paramref name="packages"/>.</summary>
    public static int[] Of(IReadOnlyList<DpkgPackage> packages, CancellationToken cancellationToken)
    {
        var dependants = Dependants(packages);
        var popularity = new int[packages.Count];
        var reached = new int[packages.Count];
        var pending = new Stack<int>();
        for (var package = 0; package < packages.Count; package++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // Each package has its own mark, so the marks of earlier packages need not be cleared.
            var mark = package + 1;
            reached[package] = mark;
            pending.Push(package);
            while (pending.TryPop(out var next))
            {
                foreach (var dependant in dependants[next])
                {
                    if (reached[dependant] == mark) continue;
                    reached[dependant] = mark;
                    popularity[package]++;
                    pending.Push(dependant);
                }
            }
        }

        return popularity;
    }

    private static List<int>[] Dependants(IReadOnlyList<DpkgPackage> packages)
    {
        var providers = packages.Index()
            .SelectMany(pair => pair.Item.Provides.Append(pair.Item.Name).Distinct(StringComparer.Ordinal).Select(name => (Name: name, pair.Index)))
            .ToLookup(provider => provider.Name, provider => provider.Index, StringComparer.Ordinal);
        List<int>[] dependants = [.. packages.Select(_ => new List<int>())];
        foreach (var (index, package) in packages.Index())
        {
            foreach (var provider in package.Dependencies.SelectMany(name => providers[name]).Distinct()) dependants[provider].Add(index);
        }

        return dependants;
    }
}
