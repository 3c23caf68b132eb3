"""That a PDF follows PDF/UA-1 (ISO 14289-1, clause 5) beside PDF/A-3a; WeasyPrint says of itself that it follows one standard.

PDF/A allows a property that it does not know where the metadata describe it (ISO 19005-3, 6.6.2.3).
"""

from typing import Any

END = b"</rdf:RDF>"
CLAIM = b"""\
<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"><pdfuaid:part>1</pdfuaid:part></rdf:Description>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
  xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
 <pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">
  <pdfaSchema:schema>PDF/UA Universal Accessibility Schema</pdfaSchema:schema>
  <pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
  <pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
  <pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
   <pdfaProperty:name>part</pdfaProperty:name>
   <pdfaProperty:valueType>Integer</pdfaProperty:valueType>
   <pdfaProperty:category>internal</pdfaProperty:category>
   <pdfaProperty:description>The part of ISO 14289 that the file follows</pdfaProperty:description>
  </rdf:li></rdf:Seq></pdfaSchema:property>
 </rdf:li></rdf:Bag></pdfaExtension:schemas>
</rdf:Description>
"""


def claim(document: Any, pdf: Any) -> None:
    """A finisher of WeasyPrint: puts the claim into the metadata, before the file is written."""
    number = int(pdf.catalog["Metadata"].decode().split()[0])
    (content,) = pdf.objects[number].stream
    pdf.objects[number].stream = [content.replace(END, CLAIM + END)]
