using System.CommandLine;
using System.Globalization;
using OverlayImg.Builders.Inspections;

namespace OverlayImg.Cli.Options;

/// <summary><c>--max-waste</c>: the largest allowed waste of an image, as a share or as a size.</summary>
internal sealed class MaxWasteOption
{
    private readonly Option<WasteLimit?> _option = new("--max-waste")
    {
        Description = "Exit with 3 if an image wastes more than this share of the bytes of its files, such as 5%, or more than this size, " +
            "such as 10M; a plain number is MiB, and 0 allows no waste. The error names the largest wasted files.",
        HelpName = "LIMIT",
        CustomParser = result =>
        {
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (Parse(text) is { } limit) return limit;
            result.AddError($"'{text}' is not what --max-waste takes: give a share from 0% to 100%, such as 5%, or a size, such as 10M.");
            return null;
        },
    };

    public void AddTo(Command command) => command.Add(OptionSection.Main, _option);

    /// <summary>The limit; null if none is given.</summary>
    public WasteLimit? Read(ParseResult parsed) => parsed.GetValue(_option);

    /// <summary>Parses a share with a percent sign, or a size; null for anything else.</summary>
    public static WasteLimit? Parse(string text)
    {
        if (!text.EndsWith('%')) return (text == "0" ? 0 : SizeText.Parse(text)) is { } bytes ? new(SizeText.Format(bytes), null, bytes) : null;
        var isNumber = decimal.TryParse(text[..^1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var percent);
        return isNumber && percent <= 100 ? new(text, percent, 0) : null;
    }
}
