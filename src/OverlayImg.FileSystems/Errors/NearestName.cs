namespace OverlayImg.FileSystems.Errors;

/// <summary>Finds the name that a user probably meant.</summary>
public static class NearestName
{
    // More letters that differ are no typing error.
    private const int MostErrors = 4;
    private const int ShortestBeginning = 3;

    /// <summary>
    /// The known name that differs from <paramref name="word"/> in the fewest letters: at most a third of the letters, and at most four. Two
    /// neighbouring letters that changed places count as one. The first known name that begins with the word is nearer than a name that differs
    /// in more than one letter. Case does not count.
    /// </summary>
    /// <returns>A name of <paramref name="known"/>; null if no name is near.</returns>
    public static string? Of(string word, IEnumerable<string> known)
    {
        (string? Name, int Errors) best = (null, int.MaxValue);
        string? longer = null;
        foreach (var name in known)
        {
            if (word.Length >= ShortestBeginning && name.StartsWith(word, StringComparison.OrdinalIgnoreCase)) longer ??= name;
            var limit = Math.Min(MostErrors, (Math.Max(name.Length, word.Length) + 2) / 3);
            if (Math.Abs(name.Length - word.Length) > limit) continue;
            var errors = Distance(name.ToLowerInvariant(), word.ToLowerInvariant());
            if (errors <= limit && errors < best.Errors) best = (name, errors);
        }

        return best.Errors <= 1 ? best.Name : longer ?? best.Name;
    }

    // The distance of Damerau and Levenshtein, in which no part of a text is edited twice.
    private static int Distance(string left, string right)
    {
        var rows = new int[left.Length + 1, right.Length + 1];
        for (var i = 0; i <= left.Length; i++) rows[i, 0] = i;
        for (var j = 0; j <= right.Length; j++) rows[0, j] = j;
        for (var i = 1; i <= left.Length; i++)
        {
            for (var j = 1; j <= right.Length; j++)
            {
                var replaced = rows[i - 1, j - 1] + (left[i - 1] == right[j - 1] ? 0 : 1);
                rows[i, j] = Math.Min(replaced, Math.Min(rows[i - 1, j], rows[i, j - 1]) + 1);
                if (i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1])
                    rows[i, j] = Math.Min(rows[i, j], rows[i - 2, j - 2] + 1);
            }
        }

        return rows[left.Length, right.Length];
    }
}
