using System.Text;

namespace OverlayImg.FileSystems.Exclusions;

/// <summary>
/// A glob over whole paths: <c>*</c> and <c>?</c> match characters other than the slash, <c>**</c> matches any number of directories, and
/// <c>[a-z]</c> and <c>[^a-z]</c> match one character.
/// </summary>
/// <remarks>
/// All possible states of a match are followed at once, so that the time is bounded by the length of the pattern times the length of the path.
/// </remarks>
internal sealed class PathGlob
{
    private static readonly Rune Slash = new('/');

    private readonly Token[] _tokens;

    private PathGlob(Token[] tokens) => _tokens = tokens;

    private enum Kind
    {
        /// <summary>One character of a set.</summary>
        Character,

        /// <summary>Any number of characters other than the slash.</summary>
        Name,

        /// <summary>Any number of characters, at the end of a pattern.</summary>
        Rest,

        /// <summary>Nothing, or any number of characters and a slash.</summary>
        Directories,
    }

    /// <summary>A part of the pattern.</summary>
    /// <param name="Kind">What the part matches.</param>
    /// <param name="IsNegated">Whether the part matches the characters outside the ranges. Such a part never matches a slash.</param>
    /// <param name="Ranges">First and last characters; for <see cref="Kind.Character"/>.</param>
    private sealed record Token(Kind Kind, bool IsNegated = false, params (Rune First, Rune Last)[] Ranges)
    {
        public bool Has(Rune character) => IsNegated
            ? character != Slash && !Ranges.Any(range => range.First <= character && character <= range.Last)
            : Ranges.Any(range => range.First <= character && character <= range.Last);
    }

    /// <summary>Parses a pattern.</summary>
    /// <exception cref="FormatException">A class or an escape is malformed. The message completes the sentence "it ...".</exception>
    public static PathGlob Parse(string pattern)
    {
        var tokens = new List<Token>();
        Rune[] text = [.. pattern.EnumerateRunes()];
        for (var index = 0; index < text.Length; index++)
        {
            switch (text[index].Value)
            {
                case '*' when index + 1 < text.Length && text[index + 1].Value == '*':
                    index++;
                    if (index + 1 < text.Length && text[index + 1] == Slash) index++;
                    tokens.Add(new(index + 1 == text.Length ? Kind.Rest : Kind.Directories));
                    break;
                case '*':
                    tokens.Add(new(Kind.Name));
                    break;
                case '?':
                    tokens.Add(new(Kind.Character, IsNegated: true));
                    break;
                case '[':
                    tokens.Add(ParseClass(text, ref index));
                    break;
                case '\\' when index + 1 == text.Length:
                    throw new FormatException("ends with a backslash");
                case '\\':
                    index++;
                    tokens.Add(Literal(text[index]));
                    break;
                default:
                    tokens.Add(Literal(text[index]));
                    break;
            }
        }

        return new([.. tokens]);
    }

    /// <summary>Whether the pattern matches the whole path.</summary>
    public bool Matches(ReadOnlySpan<Rune> path)
    {
        // A state is the number of tokens that are matched. In the second half of the states, the next token, Directories, has begun to match.
        var states = new bool[2 * (_tokens.Length + 1)];
        var next = new bool[states.Length];
        Enter(states, 0);
        foreach (var character in path)
        {
            Array.Clear(next);
            for (var state = 0; state < _tokens.Length; state++) Step(states, next, state, character);
            if (!next.AsSpan().Contains(true)) return false;
            (states, next) = (next, states);
        }

        return states[_tokens.Length];
    }

    private void Step(bool[] states, bool[] next, int state, Rune character)
    {
        var begun = state + _tokens.Length + 1;
        switch (_tokens[state].Kind)
        {
            case Kind.Character when states[state] && _tokens[state].Has(character):
                Enter(next, state + 1);
                break;
            case Kind.Name when states[state] && character != Slash:
            case Kind.Rest when states[state]:
                Enter(next, state);
                break;
            case Kind.Directories when states[state] || states[begun]:
                next[begun] = true;
                if (character == Slash) Enter(next, state + 1);
                break;
            default:
                break;
        }
    }

    // Enters a state, and the states behind tokens that can match nothing.
    private void Enter(bool[] states, int state)
    {
        for (; !states[state]; state++)
        {
            states[state] = true;
            if (state == _tokens.Length || _tokens[state].Kind == Kind.Character) return;
        }
    }

    // The language of classes is that of Go's path/filepath.Match.
    private static Token ParseClass(Rune[] text, ref int index)
    {
        index++;
        var isNegated = index < text.Length && text[index].Value == '^';
        if (isNegated) index++;
        var ranges = new List<(Rune, Rune)>();
        while (index < text.Length && (text[index].Value != ']' || ranges.Count == 0))
        {
            var first = ClassCharacter(text, ref index);
            var last = first;
            if (index < text.Length && text[index].Value == '-')
            {
                index++;
                last = ClassCharacter(text, ref index);
            }

            if (last < first) throw new FormatException($"has the empty range '{first}-{last}'");
            ranges.Add((first, last));
        }

        return index < text.Length ? new(Kind.Character, isNegated, [.. ranges]) : throw Unclosed;
    }

    private static Rune ClassCharacter(Rune[] text, ref int index)
    {
        if (index < text.Length && text[index].Value == '\\') index++;
        else if (index < text.Length && text[index].Value is '-' or ']')
            throw new FormatException($"has '{text[index]}' in a class, where a character must stand");
        return index < text.Length ? text[index++] : throw Unclosed;
    }

    private static FormatException Unclosed => new("has '[' without ']'");

    private static Token Literal(Rune character) => new(Kind.Character, false, (character, character));
}
