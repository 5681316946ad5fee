namespace OverlayImg.Images.Registries.Authentication;

/// <summary>The access that a token grants to one resource (CNCF Distribution, "Token Scope Documentation").</summary>
/// <param name="Resource">The type and the name of the resource, such as <c>repository:library/debian</c>.</param>
/// <param name="Actions">The actions, sorted, separated by commas, such as <c>pull,push</c>.</param>
internal sealed record Scope(string Resource, string Actions)
{
    private const int MaximumScopes = 16;

    public static Scope Pull(string repository) => new($"repository:{repository}", "pull");

    public static Scope Push(string repository) => new($"repository:{repository}", "pull,push");

    /// <summary>Whether the scope grants everything that <paramref name="other"/> grants.</summary>
    public bool Covers(Scope other) => Resource == other.Resource && other.Actions.Split(',').All(Actions.Split(',').Contains);

    /// <summary>Parses the parameter <c>scope</c> of a challenge: scopes separated by spaces. Invalid scopes are skipped.</summary>
    public static IEnumerable<Scope> Parse(string text) => text
        .Split(' ', StringSplitOptions.RemoveEmptyEntries)
        .Take(MaximumScopes)
        .Where(scope => scope.Contains(':', StringComparison.Ordinal) && scope.All(letter => letter is > ' ' and < '\x7f'))
        .Select(scope => (Scope: scope, Colon: scope.LastIndexOf(':')))
        .Select(split => new Scope(
            split.Scope[..split.Colon], string.Join(',', split.Scope[(split.Colon + 1)..].Split(',').Distinct().Order(StringComparer.Ordinal))));

    /// <summary>Joins two lists of scopes, the server's scopes first, because some servers read only the first scope.</summary>
    public static IReadOnlyList<Scope> Join(IEnumerable<Scope> asked, IReadOnlyList<Scope> wanted)
    {
        var joined = asked.Where(scope => !wanted.Any(other => other.Covers(scope))).Distinct().ToList();
        joined.AddRange(wanted.Where(scope => !joined.Any(other => other.Covers(scope))));
        return joined;
    }

    /// <summary>Returns the scope as it is sent to a token server: <c>RESOURCE:ACTIONS</c>.</summary>
    public override string ToString() => $"{Resource}:{Actions}";
}
