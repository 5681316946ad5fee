using System.CommandLine;
using System.Runtime.CompilerServices;

namespace OverlayImg.Cli.Completion;

/// <summary>Offers values of an option or an argument. Candidates that do not begin with the word are ignored.</summary>
/// <param name="word">The beginning of the value, up to the cursor.</param>
/// <param name="line">The words before the cursor.</param>
internal delegate IEnumerable<Candidate> ValueCompletion(string word, CompletionLine line);

/// <summary>Maps options and arguments to the candidates for their values.</summary>
internal static class ValueCompletions
{
    private static readonly ConditionalWeakTable<Symbol, ValueCompletion> Completions = [];

    /// <summary>Records how the values of an option or an argument are completed, and returns the option or the argument.</summary>
    public static T Completes<T>(this T symbol, ValueCompletion completion) where T : Symbol
    {
        Completions.AddOrUpdate(symbol, completion);
        return symbol;
    }

    /// <summary>Records the fixed values of an option or an argument.</summary>
    public static T CompletesWords<T>(this T symbol, params IEnumerable<string> words) where T : Symbol =>
        symbol.Completes((_, _) => words.Select(word => new Candidate(word)));

    /// <summary>Records that the values are files of the host.</summary>
    public static T CompletesFiles<T>(this T symbol) where T : Symbol => symbol.Completes((word, _) => PathCandidates.Of(word));

    /// <summary>Records that the values are directories of the host.</summary>
    public static T CompletesDirectories<T>(this T symbol) where T : Symbol =>
        symbol.Completes((word, _) => PathCandidates.Of(word, onlyDirectories: true));

    /// <summary>How the values of a symbol are completed; null if nothing is known about the values.</summary>
    public static ValueCompletion? Completion(this Symbol symbol) => Completions.TryGetValue(symbol, out var completion) ? completion : null;
}
