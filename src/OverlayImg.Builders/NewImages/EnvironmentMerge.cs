namespace OverlayImg.Builders.NewImages;

/// <summary>Merges environments of containers. Each variable is <c>NAME=VALUE</c>.</summary>
internal static class EnvironmentMerge
{
    /// <summary>
    /// The inherited variables, followed by the own ones. A repeated name keeps its first position and gets its last value. This is the rule of
    /// dockerTools' layered images; its buildImage keeps both variables.
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
