using System.Globalization;
using System.Text;
using System.Text.Json;
using OverlayImg.Images.Json;
using OverlayImg.Testing;

namespace OverlayImg.Images.Tests.Json;

/// <summary>Compares the JSON printer with jq.</summary>
public sealed class JqTextTests
{
    private const string Odd =
        """
        {"numbers":[0,-0,1,1.0,1.50,-2.5,100,1e3,1e15,1e16,1e17,1E18,12345678901234567890,123456789012345678,99999999999999999,0.1,1e-4,1e-5,0.000123,
        5e-324,1.7976931348623157e308,1e400,-1e400,123456.789,1234567890.5,3.0e-10,2.2250738585072014e-308,
        100000000000000000000,123456789012345678901e5],
        "strings":["","\u0000\u0001\u001f\u007f\u0080é\ud83d\ude00<>&'/\"\\\b\f\n\r\t\u2028\ufffe\uffff"],
        "empty":[{},[],null,true,false],"é/\"":{"a":{"b":[[1],[{}]]}}}
        """;

    [Fact]
    public async Task Unusual_values_are_printed_as_by_jq() => await AssertAsJqPrintsAsync(Odd);

    [Fact]
    public async Task Ten_thousand_numbers_of_every_size_are_printed_as_by_jq()
    {
        var random = new Random(20);
        var text = new StringBuilder("[");
        for (var count = 0; count < 10_000; count++)
        {
            if (count > 0) text.Append(',');
            var number = BitConverter.Int64BitsToDouble(random.NextInt64());
            if (count % 2 == 0) number = random.NextInt64(1 << 30) * Math.Pow(10, random.Next(-20, 20));
            text.Append(double.IsFinite(number) ? number.ToString("R", CultureInfo.InvariantCulture) : "7");
        }

        await AssertAsJqPrintsAsync(text.Append(']').ToString());
    }

    private static async Task AssertAsJqPrintsAsync(string json)
    {
        var bytes = Encoding.UTF8.GetBytes(json);
        using var input = new MemoryStream(bytes);
        var expected = (await Tool.RunAsync("jq", ["."], input)).Succeeded().StandardOutput;
        using var document = JsonDocument.Parse(bytes);
        Assert.Equal(expected, Encoding.UTF8.GetString(JqText.Write(document.RootElement)));
    }
}
