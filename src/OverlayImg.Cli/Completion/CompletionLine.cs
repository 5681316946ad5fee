using System.CommandLine;

namespace OverlayImg.Cli.Completion;

/// <summary>The words of a command line before the word at the cursor.</summary>
internal sealed class CompletionLine
{
    private readonly Dictionary<Option, string> _values = [];
    private readonly List<string> _arguments = [];
    private bool _hasOnlyArguments;

    /// <param name="root">The tool.</param>
    /// <param name="words">The words after the name of the tool.</param>
    public CompletionLine(Command root, IEnumerable<string> words)
    {
        Command = root;
        foreach (var word in words) Read(word);
    }

    /// <summary>How long a value may be searched, for example in a file on a slow disk. The user waits for the candidates.</summary>
    public TimeSpan LongestWait { get; init; } = TimeSpan.FromMilliseconds(800);

    /// <summary>The verb at the end of the words.</summary>
    public Command Command { get; private set; }

    /// <summary>The option whose value is the word at the cursor; null if the word may be something else.</summary>
    public Option? Waiting { get; private set; }

    /// <summary>The arguments of the verb.</summary>
    public IReadOnlyList<string> Arguments => _arguments;

    /// <summary>The first argument of the verb; null without one.</summary>
    public string? FirstArgument => _arguments.Count > 0 ? _arguments[0] : null;

    /// <summary>Whether the word at the cursor can be an option.</summary>
    public bool TakesOptions => !_hasOnlyArguments;

    /// <summary>The options of the verb and those of all verbs, without hidden ones.</summary>
    public IEnumerable<Option> Options => Command.AllOptions().Where(option => !option.Hidden);

    /// <summary>Whether the option is among the words.</summary>
    public bool IsGiven(Option option) => _values.ContainsKey(option);

    /// <summary>The last value of an option; null if the option is not given.</summary>
    public string? ValueOf(Option option) => _values.GetValueOrDefault(option);

    /// <summary>The option with a name, and the text after the equals sign; null for no option of the verb.</summary>
    public (Option Option, string? Value)? Find(string word)
    {
        var equals = word.IndexOf('=', StringComparison.Ordinal);
        var name = equals < 0 ? word : word[..equals];
        var found = Command.AllOptions().FirstOrDefault(option => option.Name == name || option.Aliases.Contains(name));
        return found is null ? null : (found, equals < 0 ? null : word[(equals + 1)..]);
    }

    /// <summary>Whether an option has a value. An option without a value is a switch.</summary>
    public static bool TakesValue(Option option) => option.Arity.MinimumNumberOfValues > 0;

    private void Read(string word)
    {
        if (Waiting is { } waiting)
        {
            (_values[waiting], Waiting) = (word, null);
        }
        else if (TakesOptions && word == "--")
        {
            _hasOnlyArguments = true;
        }
        else if (TakesOptions && word is ['-', _, ..])
        {
            if (Find(word) is not var (option, value)) return;
            _values[option] = value ?? "";
            if (value is null && TakesValue(option)) Waiting = option;
        }
        else if (_arguments.Count == 0 && Command.Subcommands.FirstOrDefault(verb => verb.Name == word) is { } verb)
        {
            Command = verb;
        }
        else
        {
            _arguments.Add(word);
        }
    }
}
