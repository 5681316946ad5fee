namespace OverlayImg.Builders.NewImages;

/// <summary>The environment of a container, each variable <c>NAME=VALUE</c>.</summary>
internal static class EnvironmentMerge
{
    /// <summary>
    /// The base's variables and then one's own. Of a name that comes twice the last value counts, where the first one stood: what dockerTools'
    /// layered images have, and its buildImage has not (spec dockertools, 1.11 and 1.13).
    /// </summary>
    public static IReadOnlyList<string> Merge(IEnumerable<string> inherited, IEnumerable<string> own)
    {
        var merged = new List<string>();
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var variable in inherited.Concat(own))
        {
            var name = variable.Split('=', 2)[0];
            if (places.TryAdd(name, merged.Count)) merged.Add(variable);
            else merged[places[name]] = variable;
        }

        return merged;
    }
}
